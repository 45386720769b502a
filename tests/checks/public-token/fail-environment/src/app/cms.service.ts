import { environment } from '../environments/environment';

@Injectable({ providedIn: 'root' })
export class CmsService {
  constructor(private readonly http: HttpClient) {}

  posts() {
    const headers = new HttpHeaders().set('Authorization', `Bearer ${environment.cms.token}`);
    return this.http.get(environment.cms.url + '/items/posts', { headers });
  }
}
