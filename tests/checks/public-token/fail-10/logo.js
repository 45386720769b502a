export const logo = "https://media.example.org/assets/8c0e1c56-0f43-4c7a-9a55-3f7f5a6d2b10?access_token=PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr";
export const map = "https://api.mapbox.com/assets/8c0e1c56-0f43-4c7a-9a55-3f7f5a6d2b10?access_token=Xw7Kq2Lm9Rz4Tb6Vn1Cy8Hd3Jf5Gs0Pa";
